import { StringDecoder } from 'node:string_decoder';

/** Longer lines are cut, so that one line cannot fill the memory. */
const maxLineLength = 16_384;

/** Cuts output into lines, whatever parts it comes in. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(private readonly tell: (lines: string[]) => void) {}

  add(part: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(part)).split('\n');
    // What is over the limit is forgotten now, for a line may never end.
    this.#rest = (lines.pop() as string).slice(0, maxLineLength + 1);
    if (lines.length > 0) this.tell(lines.map((line) => line.replace(/\r$/, '').slice(0, maxLineLength)));
  }

  /** The last line may lack its end. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = '';
    if (rest) this.tell([rest.slice(0, maxLineLength)]);
  }
}

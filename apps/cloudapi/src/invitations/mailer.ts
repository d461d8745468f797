import { createTransport } from 'nodemailer';

export type Letter = { to: string; subject: string; text: string };

/** How letters leave the installation; a port, so that tests read them instead of sending them. */
export interface Mailer {
  send(letter: Letter): Promise<void>;
}

/** Delivers by SMTP (`smtps://user:password@host:port`). Kept short: whoever invites waits for it. */
export function smtpMailer(url: string, from: string): Mailer {
  const transport = createTransport({ url, connectionTimeout: 5_000, greetingTimeout: 5_000, socketTimeout: 10_000 });
  return { send: async ({ to, subject, text }) => void (await transport.sendMail({ from, to, subject, text })) };
}

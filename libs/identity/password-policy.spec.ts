import { passwordProblems } from './password-policy.js';

const ada = { username: 'ada', email: 'ada.lovelace@example.com', name: 'Ada Lovelace' };

describe('the password policy', () => {
  it.each(['correct horse battery', 'tr0ubadour&3x', 'пароль-подлиннее', 'a b c d e f g h'])('lets %j pass', (password) => {
    expect(passwordProblems(password, ada)).toEqual([]);
  });

  it.each([
    '',
    'short',
    '123456789',
    'password',
    'Password123!',
    'qwertyuiop',
    'changeme2026',
    'aaaaaaaaaaaaaaa',
    'abcabcabcabc',
    'Lovelace-1815',
    'x'.repeat(2_000),
    'administrator!!',
  ])('refuses %j', (password) => {
    expect(passwordProblems(password, ada)).not.toEqual([]);
  });

  it('does not take two letters of a name for the name', () => {
    expect(passwordProblems('adamant granite', { username: 'ada' })).toEqual([]);
  });
});

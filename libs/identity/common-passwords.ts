/** Words that the policy refuses, alone or followed by digits and signs. Short by intent: sequences and words that head every published list. */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  123123123 1231231234 1234512345 1234567890 12345678910 123456789a 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 0987654321 9876543210
  abcdef abcdefg abcdefgh abcdefghij abcabcabc aaaaaa access account admin administrator adobe amanda andrew angel anthony apple asdf asdfasdf asdfgh asdfghjkl ashley azerty azertyuiop
  baseball basketball batman blink bonjour buster changeit changeme charlie cheese chocolate computer controlplane cookie corvette cowboy daniel default demo demodemo diamond dragon
  eminem facebook falcon ferrari flower football freedom friends fuckyou garfield george ginger google guest hannah harley hello helloworld hockey hunter iceman iloveyou internet
  jennifer jessica jordan joshua justin killer kubernetes letmein liverpool login london lovely loveme maggie manager marina marlboro martin master matrix matthew mercedes merlin metallica michael michelle
  minecraft mlops money monkey mustang mynoob naruto nicole ninja orange pass passpass passw0rd password passwort patrick peanut pepper phoenix pipeline please pokemon porsche postgres princess p@ssw0rd p@ssword
  purple qazwsx qazwsxedc qwer qweasdzxc qwerty qwertyqwerty qwertyuiop q1w2e3r4 q1w2e3r4t5 rainbow ranger robert rockyou root samantha samsung sandbox scooter secret service shadow silver slipknot soccer spiderman spring starwars
  steelers summer autumn winter sunshine superman superuser taylor tennis test tester testing testtest thomas thunder tigger toor trustno trustnoone user username user1234 welcome welcome1 whatever william yankees yellow zaq1zaq1 zaqwsx
  zenml zenmlpro zxcvbn zxcvbnm
`
    .split(/\s+/)
    .filter(Boolean),
);

/** Names come from files: characters that steer a terminal, end a line or turn the order of text round are not shown. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '\uFFFD');
}

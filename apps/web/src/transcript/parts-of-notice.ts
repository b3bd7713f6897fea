/** `Ready in 18 s (place 0.1, setup 0, process 13.2).`: the sentence, and the figures that only who looks for them wants. */
export function partsOfNotice(text: string): { said: string; figures: string | null } {
  const found = /^(.*Ready in [\d.]+ s) \(([^()]*)\)(.*)$/s.exec(text);
  return found ? { said: `${found[1]}${found[3]}`, figures: found[2]! } : { said: text, figures: null };
}

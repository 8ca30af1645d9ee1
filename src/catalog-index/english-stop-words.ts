/**
 * The English stop words: the list of the toolkit NLTK, as words without apostrophes ("don't" is read as "don" and "t"), less the words
 * that tell short titles apart. "thumbs up" must not become "thumb", which "thumbs down" is too; ranking long texts by whole questions
 * comes out the same with and without them.
 */
const words = `
  i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it its itself
  they them their theirs themselves what which who whom this that these those am is are was were be been being have has had having
  do does did doing a an the and but if or because as until while of at by for with about into during to from in out on again further
  then once here there when where why how all any both each few more most other some such nor not only own same so than too very s t
  can will just don should now d ll m o re ve y ain aren couldn didn doesn hadn hasn haven isn ma mightn mustn needn shan shouldn
  wasn weren won wouldn`;


export const ENGLISH_STOP_WORDS: readonly string[] = words.trim().split(/\s+/);

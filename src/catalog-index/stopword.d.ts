/** The package `stopword` ships no types: the lists this project reads, each an array of lower-case words. */
declare module 'stopword' {
  export const ara: string[];
  export const cat: string[];
  export const ces: string[];
  export const dan: string[];
  export const deu: string[];
  export const eus: string[];
  export const fin: string[];
  export const fra: string[];
  export const gle: string[];
  export const hun: string[];
  export const hye: string[];
  export const ita: string[];
  export const nld: string[];
  export const nob: string[];
  export const por: string[];
  export const ron: string[];
  export const rus: string[];
  export const slv: string[];
  export const spa: string[];
  export const swe: string[];
  export const tur: string[];
}

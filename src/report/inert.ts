export { inert, shellQuote } from '../model/inert.js';

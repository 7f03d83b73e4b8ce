import { phoneMatrix } from './phone-matrix.js';

export default phoneMatrix('phone-matrix-on-demand', 'persistent on demand');

import { phoneMatrix } from './phone-matrix.js';

export default phoneMatrix('phone-matrix-persistent', 'persistent');

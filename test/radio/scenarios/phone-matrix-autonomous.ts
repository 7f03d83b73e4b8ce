import { phoneMatrix } from './phone-matrix.js';

export default phoneMatrix('phone-matrix-autonomous', 'autonomous');

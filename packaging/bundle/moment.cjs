/**
 * What file-stream-rotator uses of moment: the date in the names of log files. The bundle has this instead of moment, which
 * is as large as a third of the log library.
 */
const PATTERN = 'YYYY-MM-DD';

class Moment {
  #date;

  constructor(date = new Date()) {
    this.#date = date;
  }

  local() {
    return this;
  }

  format(pattern) {
    if (pattern !== PATTERN) throw new Error(`expected the date pattern ${PATTERN}, got ${pattern}`);
    const [year, month, day] = [this.#date.getFullYear(), this.#date.getMonth() + 1, this.#date.getDate()];
    return [
      String(year).padStart(4, '0'),
      ...[month, day].map((number) => String(number).padStart(2, '0')),
    ].join('-');
  }

  /** @param days the unit is always the day */
  add(days) {
    const date = new Date(this.#date);
    date.setDate(date.getDate() + days);
    return new Moment(date);
  }

  subtract(days) {
    return this.add(-days);
  }

  endOf() {
    const date = new Date(this.#date);
    date.setHours(23, 59, 59, 999);
    return new Moment(date);
  }

  valueOf() {
    return this.#date.getTime();
  }
}

module.exports = () => new Moment();

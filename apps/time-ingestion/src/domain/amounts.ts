import {
  decimal,
  exchangeRateCode,
  masterKey,
  minorUnits,
  refusal,
  roundMoney,
  type CurrencyCode,
  type DecimalString,
  type RatedAmount,
  type Refusal,
  type WorkDate,
} from '@tieout/model';
import { exactProduct, plainDecimal } from './exact.js';
import type { MasterView } from './master-view.js';

export interface AmountQuestion {
  readonly hours: DecimalString;
  /** The day whose rate counts: the work date or the posting date, as policy says. */
  readonly rateDate: WorkDate;
  /** Currency the amount must be in; undefined: the rate's own. */
  readonly currency: CurrencyCode | undefined;
}

interface Rate {
  readonly id: string;
  readonly amount: DecimalString;
  readonly currency: CurrencyCode;
}

/** Hours times rate, converted where needed, rounded per line to the currency's minor unit. */
const rated = (question: AmountQuestion, rate: Rate, master: MasterView): RatedAmount | Refusal => {
  const { hours } = question;
  const currency = question.currency ?? rate.currency;
  if (currency === rate.currency) {
    const amount =
      exactProduct(hours, rate.amount, minorUnits(currency)) ?? roundMoney(decimal(hours).times(decimal(rate.amount)), currency);
    return { amount, currency, rateId: rate.id, rate: rate.amount };
  }
  const code = exchangeRateCode(rate.currency, currency);
  const exchange = master.on('exchange-rate', code, question.rateDate);
  if (exchange?.attributes.rate === undefined)
    return refusal(
      'MISSING_EXCHANGE_RATE',
      masterKey('exchange-rate', code),
      `no exchange rate ${code} is effective on ${question.rateDate}`,
    );
  return {
    amount: roundMoney(decimal(hours).times(decimal(rate.amount)).times(decimal(exchange.attributes.rate)), currency),
    currency,
    rateId: rate.id,
    rate: rate.amount,
    exchangeRateId: `${exchange.id}@${exchange.revision}`,
  };
};

/** Cost of the hours at the worker's cost rate. */
export const costOf = (workerCode: string, question: AmountQuestion, master: MasterView): RatedAmount | Refusal => {
  const found = master.on('cost-rate', workerCode, question.rateDate);
  const amount = found?.attributes.amount;
  const currency = found?.attributes.currency;
  if (found === undefined || amount === undefined || currency === undefined)
    return refusal(
      'MISSING_COST_RATE',
      masterKey('cost-rate', workerCode),
      `no cost rate is effective for worker ${workerCode} on ${question.rateDate}`,
    );
  return rated(question, { id: `${found.id}@${found.revision}`, amount: plainDecimal(amount), currency }, master);
};

/** Bill amount: the worker's rate on the project, else the project's. Undefined where neither exists: billing decides later. */
export const billOf = (
  projectCode: string,
  workerCode: string,
  question: AmountQuestion,
  master: MasterView,
): RatedAmount | undefined =>
  billedBy(`${projectCode}/${workerCode}`, question, master) ?? billedBy(projectCode, question, master);

const billedBy = (code: string, question: AmountQuestion, master: MasterView): RatedAmount | undefined => {
  const found = master.on('bill-rate', code, question.rateDate);
  const amount = found?.attributes.amount;
  const currency = found?.attributes.currency;
  if (found === undefined || amount === undefined || currency === undefined) return undefined;
  const result = rated(question, { id: `${found.id}@${found.revision}`, amount: plainDecimal(amount), currency }, master);
  return 'amount' in result ? result : undefined;
};

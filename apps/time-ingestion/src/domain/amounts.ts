import {
  decimal,
  exchangeRateCode,
  masterKey,
  refusal,
  roundMoney,
  toDecimalString,
  type CurrencyCode,
  type DecimalString,
  type RatedAmount,
  type Refusal,
  type WorkDate,
} from '@tieout/model';
import type { MasterView } from './master-view.js';

export interface AmountQuestion {
  readonly hours: DecimalString;
  readonly workDate: WorkDate;
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
  const inRateCurrency = decimal(question.hours).times(decimal(rate.amount));
  const currency = question.currency ?? rate.currency;
  if (currency === rate.currency)
    return { amount: roundMoney(inRateCurrency, currency), currency, rateId: rate.id, rate: rate.amount };
  const code = exchangeRateCode(rate.currency, currency);
  const exchange = master.on('exchange-rate', code, question.workDate);
  if (exchange?.attributes.rate === undefined)
    return refusal(
      'MISSING_EXCHANGE_RATE',
      masterKey('exchange-rate', code),
      `no exchange rate ${code} is effective on ${question.workDate}`,
    );
  return {
    amount: roundMoney(inRateCurrency.times(decimal(exchange.attributes.rate)), currency),
    currency,
    rateId: rate.id,
    rate: rate.amount,
    exchangeRateId: `${exchange.id}@${exchange.revision}`,
  };
};

/** Cost of the hours at the worker's cost rate on the work date. */
export const costOf = (workerCode: string, question: AmountQuestion, master: MasterView): RatedAmount | Refusal => {
  const found = master.on('cost-rate', workerCode, question.workDate);
  const { amount, currency } = found?.attributes ?? {};
  if (found === undefined || amount === undefined || currency === undefined)
    return refusal(
      'MISSING_COST_RATE',
      masterKey('cost-rate', workerCode),
      `no cost rate is effective for worker ${workerCode} on ${question.workDate}`,
    );
  return rated(question, { id: `${found.id}@${found.revision}`, amount: toDecimalString(decimal(amount)), currency }, master);
};

/** Bill amount: the worker's rate on the project, else the project's. Undefined where neither exists: billing decides later. */
export const billOf = (
  projectCode: string,
  workerCode: string,
  question: Omit<AmountQuestion, 'currency'>,
  master: MasterView,
): RatedAmount | undefined => {
  for (const code of [`${projectCode}/${workerCode}`, projectCode]) {
    const found = master.on('bill-rate', code, question.workDate);
    const { amount, currency } = found?.attributes ?? {};
    if (found === undefined || amount === undefined || currency === undefined) continue;
    const result = rated(
      { ...question, currency: undefined },
      { id: `${found.id}@${found.revision}`, amount: toDecimalString(decimal(amount)), currency },
      master,
    );
    return 'amount' in result ? result : undefined;
  }
  return undefined;
};

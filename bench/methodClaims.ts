/** What of the papers' claims the tables bear out, and what they do not. To be read against the tables when those change. */
export const CLAIMS = `## What holds of the papers, and what does not

* **MSPTQ is nearly the best two-bit quantizer of a Laplacian.** It holds: 0.024 dB below Lloyd–Max in theory. Real layers are
  not quite Laplacian: there it is about a decibel below Lloyd–Max on the weights.
* **SPTQ improves on the uniform quantizer.** At two bits it does not, against the best uniform one: 6.98 against 7.07 dB on the
  Laplacian, and less on real layers. It does against uniform levels spread to the largest weight, and from 3 bits on in our
  segmented generalisation.
* **The support region matters at two bits and hardly at three.** It holds: symmetric abs-max leaves 9.7 and 11 % at two bits, where the
  optimal mid-rise levels keep 97 %, and costs 0.3 to 2 points at three.
* **Optimal uniform two-bit weights keep more than 96 % (MLP) and 98 % (CNN).** The MLP does, at 97 %; LeNet-5, which is another
  CNN than the paper's, keeps 97 to 97.6 %.
* **SubsetQ's sums of two powers of two** come within half a decibel of Lloyd–Max on the weights of real layers at two and three
  bits, and within 1.2 dB at four.
* **PWLQ beats uniform quantization at the same bits.** In the paper's count, where b bits have 2^(b+1) levels, it does. At the
  bits a weight takes it does so from five bits on; below, covering the whole range costs more than its dense centre gains.
* **N2UQ's weight quantizer keeps codes evenly used.** It does, and clips at 1.06 to 1.41 deviations for it: without the training
  that it is made for, SQNR stays below 8.7 dB on a Laplacian, and below 10 on the mean of real layers, at any number of bits.
* **APoT at two bits** is three levels, −1, 0 and 1, and loses what that costs: 5.78 dB on the Laplacian.
* **More signal to noise is not more accuracy** at two bits: on LeNet-5 N2UQ as published is best at 7.63 dB and SPTQ on the
  weights worst but for APoT and abs-max at 7.69. Two-bit copies have to be tried on data.
`;

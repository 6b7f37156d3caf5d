/// Sums of powers of integers: exact, so the order of adding cannot matter and a constant has a deviation of exactly 0.
///
/// 128 bits: the cubes of a 4096 × 4096 plane, multiplied by its squared pixel count, do not fit in 64.
struct Moments {
    public var count = 0
    var sum: Int128 = 0
    var squares: Int128 = 0
    var cubes: Int128 = 0

    /// In the unit of the values; 0 of nothing.
    var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

    /// Population variance: (n Σv² − (Σv)²) / n², its numerator exact.
    var variance: Double {
        guard count > 0 else { return 0 }
        let n = Double(count)
        return Double(Int128(count) * squares - sum * sum) / (n * n)
    }

    var deviation: Double { variance.squareRoot() }

    /// Skewness g = m₃ / σ³ as g / (1 + |g|), within ±1; 0 of a constant. One speck in a blank patch of n pixels has g = √n,
    /// which would drown every other patch once the numbers are standardised.
    var boundedSkew: Double {
        let deviation = deviation
        guard deviation > 0 else { return 0 }
        let n = Int128(count)
        let numerator = n * n * cubes - 3 * n * sum * squares + 2 * sum * sum * sum
        let total = Double(count)
        let skew = Double(numerator) / (total * total * total) / (deviation * deviation * deviation)
        return skew / (1 + skew.magnitude)
    }
}

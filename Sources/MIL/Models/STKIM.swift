import Torch

/// Stochastic top-k instance masking (ACMIL, section 3.3): in every branch, some of the instances it attends to most are
/// hidden from it, so that it learns from others too.
///
/// Follows the authors' code where it differs from the paper's wording: of the min(k, N) top instances of a row exactly
/// ⌊min(k, N)·p⌋ are masked, drawn without replacement and independently per row.
struct STKIM {
    /// k
    let instances: Int
    /// p
    let drop: Double

    /// Not −∞: a row that is masked as a whole must become uniform, not NaN.
    static let masked = -1e9

    /// Logits `[K, N]` → a copy with the chosen ones at −1e9; no gradient reaches those.
    ///
    /// - Parameter name: of the draw.
    func callAsFunction(_ logits: Tensor, name: String = "stkim", _ draws: any Draws) throws -> Tensor {
        let shape = logits.shape
        let (rows, count) = (shape[0], shape[1])
        guard maskedCount(of: count) > 0 else { return logits }
        let values = try logits.floats()
        let top = min(instances, count)
        let noise = try draws.uniform(name, [rows, top])
        var mask = [Bool](repeating: false, count: rows * count)
        for row in 0..<rows {
            let chosen = choose(
                from: values[(row * count)..<((row + 1) * count)],
                noise: noise[(row * top)..<((row + 1) * top)]
            )
            for index in chosen { mask[row * count + index] = true }
        }
        return try logits.maskedFill(Tensor(mask: mask, shape: shape, on: logits.device), Self.masked)
    }

    /// How many of N instances a row masks. The product is taken in double precision, as the original does.
    func maskedCount(of count: Int) -> Int { Int(Double(min(instances, count)) * drop) }

    /// Positions masked in one row: the top instances in descending order, those with the smallest noise first.
    private func choose(from row: ArraySlice<Float>, noise: ArraySlice<Float>) -> [Int] {
        let top = largest(noise.count, of: row)
        let order = Array(noise).enumerated().sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }
        return order.prefix(maskedCount(of: row.count)).map { top[$0.offset] }
    }

    /// Positions of the largest values in descending order; of equal values the first, on every device.
    private func largest(_ count: Int, of row: ArraySlice<Float>) -> [Int] {
        var kept: [(value: Float, index: Int)] = []
        kept.reserveCapacity(count + 1)
        for (index, value) in row.enumerated() {
            if kept.count == count, let last = kept.last, value <= last.value { continue }
            let place = kept.lastIndex { $0.value >= value }.map { $0 + 1 } ?? 0
            kept.insert((value, index), at: place)
            if kept.count > count { kept.removeLast() }
        }
        return kept.map(\.index)
    }
}

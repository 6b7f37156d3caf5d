/// Numbers in order, made ready to be ranked with any weights.
struct RankOrder: Sendable {
    /// Rows in ascending order of their numbers, equal ones together.
    private let blocks: [[Int]]
    private let count: Int

    /// O(n log n).
    init(_ values: [Double]) {
        var blocks: [[Int]] = []
        var last: Double?
        for row in values.indices.sorted(by: { (values[$0], $0) < (values[$1], $1) }) {
            if values[row] != last { blocks.append([]) }
            blocks[blocks.count - 1].append(row)
            last = values[row]
        }
        (self.blocks, count) = (blocks, values.count)
    }

    /// From 1, equal numbers having their mean rank: those of the sample in which each row stands as often as its weight says. O(n).
    func ranks(_ weights: [Int]) -> [Double] {
        var ranks = [Double](repeating: 0, count: count)
        var below = 0
        for block in blocks {
            let size = block.reduce(0) { $0 + weights[$1] }
            let rank = Double(below) + Double(size + 1) / 2
            for row in block { ranks[row] = rank }
            below += size
        }
        return ranks
    }
}

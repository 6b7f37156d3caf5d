/// The patches of one slide between the reader that sends them and the writer of their features.
struct SlidePatches {
    /// Patches that came together, until all are computed.
    private struct Chunk {
        var rows: Range<Int>
        var pixels: [UInt8]
        var left: Int
    }

    let network: Int
    private let bytesPerPatch: Int
    private var chunks: [Chunk] = []
    /// Features by the first of their rows, until those before them are there.
    private var computed: [Int: [Float]] = [:]
    /// The first row whose features are not handed out.
    private var next = 0
    private(set) var rows = 0
    /// Why it gets no features any more.
    var failure: (any Error)?
    /// The smallest batch that any of its patches were computed in.
    private(set) var batch: Int?

    init(network: Int, bytesPerPatch: Int) { (self.network, self.bytesPerPatch) = (network, bytesPerPatch) }

    var isComplete: Bool { next == rows }

    /// - Returns: their rows.
    mutating func add(_ pixels: [UInt8], count: Int) -> Range<Int> {
        let added = rows..<(rows + count)
        chunks.append(Chunk(rows: added, pixels: pixels, left: count))
        rows += count
        return added
    }

    /// The bytes of waiting rows, in their order.
    func pixels(of rows: Range<Int>) -> [ArraySlice<UInt8>] {
        chunks.filter { $0.rows.overlaps(rows) }.map { chunk in
            let wanted = chunk.rows.clamped(to: rows)
            let first = chunk.rows.lowerBound
            return chunk.pixels[
                ((wanted.lowerBound - first) * bytesPerPatch)..<((wanted.upperBound - first) * bytesPerPatch)
            ]
        }
    }

    /// Takes the features of rows that were taken together.
    mutating func deliver(_ features: [Float], of rows: Range<Int>, batch: Int) {
        computed[rows.lowerBound] = features
        self.batch = min(batch, self.batch ?? batch)
        for index in chunks.indices { chunks[index].left -= chunks[index].rows.clamped(to: rows).count }
        chunks.removeAll { $0.left == 0 }
    }

    /// Features of the next rows, as far as they are there without a gap.
    mutating func ready(dim: Int) -> [Float] {
        var features: [Float] = []
        while let more = computed.removeValue(forKey: next) {
            features += more
            next += more.count / dim
        }
        return features
    }

    /// Nobody wants them any more.
    mutating func fail(_ error: any Error) {
        failure = failure ?? error
        (chunks, computed) = ([], [:])
    }
}

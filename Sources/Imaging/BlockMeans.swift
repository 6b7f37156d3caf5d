/// Shrinks by whole factors while the rows of an image stream by: rounded means of blocks of 8-bit samples, exact in integers
/// and so equal on every machine.
public struct BlockMeans: Sendable {
    /// Of a block, in samples.
    private let across: Int
    /// Samples of a pixel.
    private let channels: Int
    /// Of each sample of a row, over the rows since the last means.
    private var sums: [UInt32]
    /// Of a row.
    public var samples: Int { sums.count }
    /// Since the last means.
    public private(set) var rows = 0

    /// - Parameters:
    ///   - width: of the image in pixels.
    ///   - across: of a block in pixels; the last block of a row has what is left.
    public init(width: Int, across: Int, channels: Int = 3) {
        self.across = across * channels
        self.channels = channels
        sums = [UInt32](repeating: 0, count: width * channels)
    }

    /// Takes the next row; samples beyond the width are passed over.
    /// - Precondition: a block has at most 2048 · 2048 pixels, for its sum has 32 bits.
    public mutating func add(_ row: UnsafeBufferPointer<UInt8>) {
        let count = sums.count
        sums.withUnsafeMutableBufferPointer { sums in
            for index in 0..<count { sums[index] &+= UInt32(row[index]) }
        }
        rows += 1
    }

    /// The means of the rows since the last call, a pixel for each block.
    public mutating func finish(into means: UnsafeMutableBufferPointer<UInt8>) {
        let (across, channels, rows) = (across, channels, rows)
        sums.withUnsafeMutableBufferPointer { sums in
            var (at, start) = (0, 0)
            while start < sums.count {
                let end = min(start + across, sums.count)
                let area = UInt32((end - start) / channels * rows)
                for channel in start..<(start + channels) {
                    var sum = area / 2
                    var sample = channel
                    while sample < end {
                        sum &+= sums[sample]
                        sample &+= channels
                    }
                    means[at] = UInt8(truncatingIfNeeded: sum / area)
                    at &+= 1
                }
                start = end
            }
            for index in 0..<sums.count { sums[index] = 0 }
        }
        self.rows = 0
    }
}

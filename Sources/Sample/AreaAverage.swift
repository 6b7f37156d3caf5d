import Imaging
import Records

/// Shrinks an image by a whole factor while its rows stream by: each pixel is the rounded mean of `factor`² pixels.
struct AreaAverage {
    let size: PixelSize
    /// The finished rows, interleaved RGB.
    private(set) var bytes: [UInt8] = []
    private let factor: Int
    private var means: BlockMeans

    /// - Parameter size: the size of the shrunk image; source pixels beyond `size · factor` are dropped.
    init(size: PixelSize, factor: Int) {
        self.size = size
        self.factor = factor
        means = BlockMeans(width: size.width * factor, across: factor)
        bytes.reserveCapacity(size.width * size.height * 3)
    }

    /// Takes the next row of the source.
    mutating func add(row: UnsafeBufferPointer<UInt8>) {
        guard bytes.count < size.width * size.height * 3 else { return }
        means.add(row)
        guard means.rows == factor else { return }
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: size.width * 3))
        bytes.withUnsafeMutableBufferPointer { means.finish(into: UnsafeMutableBufferPointer(rebasing: $0[start...])) }
    }
}

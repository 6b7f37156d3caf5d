import Records

/// Shrinks an image by a whole factor while its rows stream by: each pixel is the rounded mean of `factor`² pixels.
struct AreaAverage {
    let size: PixelSize
    /// The finished rows, interleaved RGB.
    private(set) var bytes: [UInt8] = []
    private let factor: Int
    private var sums: [UInt32]
    private var rowsInSums = 0

    /// - Parameter size: the size of the shrunk image; source pixels beyond `size · factor` are dropped.
    init(size: PixelSize, factor: Int) {
        self.size = size
        self.factor = factor
        sums = [UInt32](repeating: 0, count: size.width * 3)
        bytes.reserveCapacity(size.width * size.height * 3)
    }

    /// Takes the next row of the source.
    mutating func add(row: UnsafeBufferPointer<UInt8>) {
        guard bytes.count < size.width * size.height * 3 else { return }
        sums.withUnsafeMutableBufferPointer { sums in
            var source = 0
            for column in 0..<size.width {
                var red: UInt32 = 0
                var green: UInt32 = 0
                var blue: UInt32 = 0
                for _ in 0..<factor {
                    red += UInt32(row[source])
                    green += UInt32(row[source + 1])
                    blue += UInt32(row[source + 2])
                    source += 3
                }
                sums[column * 3] += red
                sums[column * 3 + 1] += green
                sums[column * 3 + 2] += blue
            }
        }
        rowsInSums += 1
        guard rowsInSums == factor else { return }
        let area = UInt32(factor * factor)
        for index in sums.indices {
            bytes.append(UInt8((sums[index] + area / 2) / area))
            sums[index] = 0
        }
        rowsInSums = 0
    }
}

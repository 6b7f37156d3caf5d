public import Records

/// An image that can be asked for any of its rows, so that a slide never has to lie in memory as a whole.
public protocol PixelSource: Sendable {
    var size: PixelSize { get }
    /// Fills `pixels` with the rows as interleaved 8-bit RGB, `rows.count · size.width · 3` bytes.
    func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>)
}

/// An image in memory, interleaved 8-bit RGB, row-major.
public struct PixelArray: PixelSource {
    public let size: PixelSize
    public let bytes: [UInt8]

    /// - Throws: `SampleError.options` unless `bytes` holds exactly `size.width · size.height · 3` values.
    public init(size: PixelSize, bytes: [UInt8]) throws {
        let wanted = size.width.multipliedReportingOverflow(by: size.height)
        let total = wanted.partialValue.multipliedReportingOverflow(by: 3)
        guard size.width > 0, size.height > 0, !wanted.overflow, !total.overflow, bytes.count == total.partialValue
        else {
            throw SampleError.options(
                "\(bytes.count) bytes for \(size.width) x \(size.height) RGB pixels; give width x height x 3"
            )
        }
        self.size = size
        self.bytes = bytes
    }

    /// One colour everywhere.
    public init(size: PixelSize, red: UInt8, green: UInt8, blue: UInt8) throws {
        let pixels = max(0, size.width) * max(0, size.height)
        var bytes = [UInt8](repeating: green, count: pixels * 3)
        for pixel in 0..<pixels {
            bytes[pixel * 3] = red
            bytes[pixel * 3 + 2] = blue
        }
        try self.init(size: size, bytes: bytes)
    }

    public func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>) {
        let stride = size.width * 3
        _ = pixels.update(fromContentsOf: bytes[(rows.lowerBound * stride)..<(rows.upperBound * stride)])
    }
}

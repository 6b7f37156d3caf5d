import Storage

/// What every encoder does to pixels first: resample to its side, then normalise per channel, as torchvision's
/// `Resize`, `ToTensor` and `Normalize` do, to the bit.
struct Preprocessing: Sendable {
    private let input: Int
    private let interpolation: EncoderManifest.Interpolation
    /// The normalised value of each byte, by channel.
    private let tables: [[Float]]

    init(_ manifest: EncoderManifest) {
        input = manifest.input
        interpolation = manifest.interpolation
        tables = zip(manifest.mean, manifest.std).map { mean, std in
            (0..<256).map { (Float($0) / 255 - Float(mean)) / Float(std) }
        }
    }

    /// Patches [count, side, side, 3] of bytes as [count, 3, input, input] of normalised fp32.
    func apply(_ pixels: UnsafeBufferPointer<UInt8>, count: Int, side: Int) -> [Float] {
        let resampling = side == input ? nil : Resampling(from: side, to: input, interpolation)
        let area = input * input
        return [Float](unsafeUninitializedCapacity: count * 3 * area) { planes, filled in
            for patch in 0..<count {
                let source = UnsafeBufferPointer(
                    rebasing: pixels[(patch * side * side * 3)..<((patch + 1) * side * side * 3)]
                )
                let target = UnsafeMutableBufferPointer(rebasing: planes[(patch * 3 * area)..<((patch + 1) * 3 * area)])
                if let resampling {
                    resampling.apply(source).withUnsafeBufferPointer { normalise($0, into: target) }
                } else {
                    normalise(source, into: target)
                }
            }
            filled = planes.count
        }
    }

    /// Interleaved channels to planes.
    private func normalise(_ pixels: UnsafeBufferPointer<UInt8>, into planes: UnsafeMutableBufferPointer<Float>) {
        let area = input * input
        for (channel, table) in tables.enumerated() {
            table.withUnsafeBufferPointer { table in
                for pixel in 0..<area { planes[channel * area + pixel] = table[Int(pixels[pixel * 3 + channel])] }
            }
        }
    }
}

/// Patches that any encoder can be given: pink ground with purple spots of several sizes and a little noise, the same bytes
/// everywhere. What one precision makes of them is compared with what another does.
public enum ProbePatches {
    public static let count = 4

    /// - Returns: [count, side, side, 3], red, green, blue.
    public static func pixels(side: Int) -> [UInt8] {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(count * side * side * 3)
        for patch in 0..<count {
            let spot = 5 + 4 * patch
            for y in 0..<side {
                for x in 0..<side {
                    let isSpot = (x / spot * 7 + y / spot * 13).isMultiple(of: 5)
                    let noise = (x * x * 31 + y * y * 17 + x * y * 7) % 23
                    let colour = isSpot ? (125, 80, 150) : (225, 170, 205)
                    pixels += [colour.0 - noise, colour.1 - noise, colour.2 - noise].map { UInt8($0) }
                }
            }
        }
        return pixels
    }

    /// What an encoder gives them, at its own side.
    /// - Returns: [count, dim], row-major.
    /// - Throws: `EncoderError`.
    public static func features(of encoder: FrozenEncoder) throws -> [Float] {
        try pixels(side: encoder.inputSize).withUnsafeBytes {
            try encoder.encode(pixels: $0, count: count, side: encoder.inputSize)
        }
    }
}

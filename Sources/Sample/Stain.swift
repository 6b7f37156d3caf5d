import Records

/// How a slide was stained and scanned: turns amounts of dye into pixels by the law of Beer and Lambert.
struct Stain: Sendable {
    /// Optical density of one unit of dye in red, green, blue.
    var hematoxylin: SIMD3<Float>
    var eosin: SIMD3<Float>
    /// The empty slide's colour, 0 to 255.
    var background: SIMD3<Float>
    /// Half the greatest noise of a channel, in grey levels.
    var noise: Float
    /// Width of the blur at edges in pixels: the scanner's focus.
    var softness: Float

    /// Dye vectors near the usual ones of H&E (Ruifrok and Johnston 2001; eosin as scanners show it), with a laboratory's variation.
    init(_ random: inout CounterRandom) {
        func vary(_ vector: SIMD3<Float>, strength: ClosedRange<Float>) -> SIMD3<Float> {
            var varied = vector
            for channel in 0..<3 { varied[channel] += random.between(-0.05, 0.05) }
            let length = (varied * varied).sum().squareRoot()
            return varied / length * random.between(strength.lowerBound, strength.upperBound)
        }
        hematoxylin = vary([0.63, 0.70, 0.34], strength: 0.8...1.3)
        eosin = vary([0.14, 0.85, 0.46], strength: 0.65...1.25)
        let brightness = random.between(234, 249)
        background = [brightness, brightness, brightness]
        for channel in 0..<3 { background[channel] += random.between(-4, 3) }
        noise = random.between(1.5, 4)
        softness = random.between(1.1, 1.7)
    }

    /// 10^(-index/512) for optical densities 0 to 3: one exact constant multiplied up, no libm.
    static let transmission: [Float] = {
        var value = 1.0
        return (0..<1536).map { _ in
            defer { value *= 0.9955128609158502 }
            return Float(value)
        }
    }()

    /// Paints one row. `hematoxylin` and `eosin` hold the dye per pixel; `grain` is the noise, a function of position.
    func develop(
        row: Int,
        hematoxylin dyeH: UnsafePointer<Float>,
        eosin dyeE: UnsafePointer<Float>,
        grain: ValueNoise,
        transmission: UnsafePointer<Float>,
        into pixels: UnsafeMutablePointer<UInt8>,
        width: Int
    ) {
        let densityH = hematoxylin * 512
        let densityE = eosin * 512
        let scale = noise / 255
        for column in 0..<width {
            let density = densityH * dyeH[column] + densityE * dyeE[column]
            let word = grain.word(column, row)
            let shared = Float(Int32(word & 255) - 128) * scale
            let pixel = pixels + column * 3
            for channel in 0..<3 {
                let index = min(1535, max(0, Int(density[channel])))
                let own = Float(Int32((word >> UInt32(8 + 8 * channel)) & 255) - 128) * scale * 0.6
                let value = background[channel] * transmission[index] + shared + own + 0.5
                pixel[channel] = UInt8(min(255, max(0, value)))
            }
        }
    }
}

import Records

/// Smooth random fields over the plane, as pure functions of position: any row of a slide can be painted alone.
///
/// Value noise on an integer lattice (Perlin 1985 in spirit): hashed values at the lattice points, cubic fade between them.
/// Only integer hashing and the four exactly rounded operations: equal on every machine.
struct ValueNoise: Sendable {
    let key: UInt32

    init(_ random: inout CounterRandom) { key = UInt32(truncatingIfNeeded: random.next()) }

    /// In [0, 1], lattice pitch 1.
    @inline(__always)
    func callAsFunction(_ x: Float, _ y: Float) -> Float {
        let left = x.rounded(.down)
        let top = y.rounded(.down)
        let column = UInt32(bitPattern: Int32(left))
        let row = UInt32(bitPattern: Int32(top))
        let u = Self.fade(x - left)
        let v = Self.fade(y - top)
        let upperRow = row &* 0xC2B2_AE35
        let lowerRow = (row &+ 1) &* 0xC2B2_AE35
        let leftColumn = column &* 0x9E37_79B1 ^ key
        let rightColumn = (column &+ 1) &* 0x9E37_79B1 ^ key
        let upper = Self.mix(Self.unit(leftColumn ^ upperRow), Self.unit(rightColumn ^ upperRow), u)
        let lower = Self.mix(Self.unit(leftColumn ^ lowerRow), Self.unit(rightColumn ^ lowerRow), u)
        return Self.mix(upper, lower, v)
    }

    /// In [0, 1]: octaves of doubling frequency and falling weight.
    func fractal(_ x: Float, _ y: Float, octaves: Int) -> Float {
        var sum: Float = 0
        var weight: Float = 1
        var total: Float = 0
        var scale: Float = 1
        for octave in 0..<octaves {
            let shift = Float(octave) * 37.25
            sum += weight * self(x * scale + shift, y * scale - shift)
            total += weight
            weight *= 0.5
            scale *= 2
        }
        return sum / total
    }

    /// A well-mixed 32-bit word of a lattice point.
    @inline(__always)
    func word(_ column: Int, _ row: Int) -> UInt32 {
        let columnBits = UInt32(truncatingIfNeeded: column) &* 0x9E37_79B1
        let rowBits = UInt32(truncatingIfNeeded: row) &* 0xC2B2_AE35
        return Self.scramble(columnBits ^ rowBits ^ key)
    }

    @inline(__always)
    private static func scramble(_ value: UInt32) -> UInt32 {
        var z = value
        z = (z ^ (z >> 16)) &* 0x7FEB_352D
        z = (z ^ (z >> 15)) &* 0x846C_A68B
        return z ^ (z >> 16)
    }

    @inline(__always)
    private static func unit(_ value: UInt32) -> Float { Float(scramble(value) >> 8) * 0x1p-24 }

    @inline(__always)
    private static func fade(_ t: Float) -> Float { t * t * (3 - 2 * t) }

    @inline(__always)
    private static func mix(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * t }
}

extension CounterRandom {
    /// Uniform in the range.
    mutating func between(_ low: Float, _ high: Float) -> Float { Float(uniform(Double(low), Double(high))) }

    /// Bell-shaped with mean 0 and standard deviation 1, never beyond ±3.5: twelve uniform draws, no transcendental function.
    mutating func bell() -> Float {
        var sum = -6.0
        for _ in 0..<12 { sum += uniform() }
        return Float(min(3.5, max(-3.5, sum)))
    }

    /// A direction in the plane, as a unit vector.
    mutating func direction() -> (x: Float, y: Float) {
        while true {
            let x = uniform(-1, 1)
            let y = uniform(-1, 1)
            let square = x * x + y * y
            if square > 0.01, square <= 1 {
                let length = square.squareRoot()
                return (Float(x / length), Float(y / length))
            }
        }
    }
}

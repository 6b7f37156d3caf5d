/// Random numbers that are a pure function of a key and a counter, so that any draw can be repeated alone and in any order.
///
/// The key is mixed from a seed and words (fold, epoch, step, name); each draw is SplitMix64's finaliser (Steele, Lea and
/// Flood, OOPSLA 2014) of key + counter · golden gamma. Not for cryptography.
public struct CounterRandom: Sendable, RandomNumberGenerator {
    private let key: UInt64
    private var counter: UInt64 = 0

    public init(seed: UInt64, _ words: (any CustomStringConvertible & Sendable)...) {
        var key = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15)
        for word in words {
            for byte in word.description.utf8 { key = (key ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            key = Self.mixed(key &+ 0x9E37_79B9_7F4A_7C15)
        }
        self.key = key
    }

    public mutating func next() -> UInt64 {
        counter &+= 1
        return Self.mixed(key &+ counter &* 0x9E37_79B9_7F4A_7C15)
    }

    /// Uniform in [0, 1) with 53 bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in [low, high).
    public mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }

    /// Uniform in 0..<bound, without bias (Lemire 2019).
    public mutating func index(below bound: Int) -> Int {
        precondition(bound > 0, "an empty range has no member to draw")
        let range = UInt64(bound)
        let limit = (0 &- range) % range
        while true {
            let product = next().multipliedFullWidth(by: range)
            if product.low >= limit { return Int(product.high) }
        }
    }

    /// A random order of 0..<count (Fisher and Yates).
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        var last = count - 1
        while last > 0 {
            order.swapAt(last, index(below: last + 1))
            last -= 1
        }
        return order
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Dimensions 76–195: rotation-invariant uniform local binary patterns (LBP riu2; Ojala, Pietikäinen and Mäenpää 2002) of
/// haematoxylin and eosin on pyramid levels 0–2.
///
/// The ring is the eight neighbours of a pixel, without interpolation. A neighbour's bit is set where it is denser than
/// the centre by more than 20/1024 optical density, so scanner noise and JPEG leave flat ground in bin 0. Bins 0–8 are
/// the number of set bits of patterns with at most two changes around the ring; bin 9 is all others.
struct LocalBinaryPatterns {
    static let levels = 3
    static let bins = 10
    static let tolerance: Int16 = 20

    static let names = ["h", "e"].flatMap { plane in
        (0..<levels).flatMap { level in
            ["count", "contrast"].flatMap { kind in (0..<bins).map { "lbp_\(plane)_l\(level)_\(kind)_\($0)" } }
        }
    }

    private let codes: Cells<UInt16>
    private let contrasts: Cells<UInt16>
    private let counts = Cells<UInt32>(256)
    private let weights = Cells<Int64>(256)

    init(side: Int) {
        codes = Cells(side)
        contrasts = Cells(side)
    }

    /// Appends 20 numbers for one level: the fraction of pixels in each bin, then the contrast carried by each bin: the sum
    /// over its pixels of the mean absolute difference to the ring, per pixel of the level. The frame is left out.
    func append(_ plane: Plane, to row: inout FeatureRow) {
        counts.clear()
        weights.clear()
        let inner = plane.side &- 2
        for y in 1...inner {
            encode(plane, y)
            measureContrast(plane, y)
            let (code, contrast) = (codes.base, contrasts.base)
            let (count, weight) = (counts.base, weights.base)
            for x in 0..<inner {
                let pattern = Int(code[x])
                count[pattern] &+= 1
                weight[pattern] &+= Int64(contrast[x])
            }
        }
        var (binCounts, binWeights) = ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        for pattern in 0..<256 {
            let bin = Self.bin(of: UInt8(pattern))
            binCounts[bin] += Int(counts.base[pattern])
            binWeights[bin] += Int(weights.base[pattern])
        }
        let area = Double(inner * inner)
        for count in binCounts { row.append(Double(count) / area) }
        for weight in binWeights { row.append(density: Double(weight) / (8 * area)) }
    }

    /// The pattern of each inner pixel of row `y`. Apart from `measureContrast`, so that each loop has few enough pointers for
    /// the compiler to vectorise it.
    private func encode(_ plane: Plane, _ y: Int) {
        let (above, centre, below) = (plane.row(y &- 1), plane.row(y), plane.row(y &+ 1))
        let code = codes.base
        for x in 0..<(plane.side &- 2) {
            let limit = centre[x &+ 1] &+ Self.tolerance
            var pattern: UInt16 = above[x] > limit ? 1 : 0
            pattern |= above[x &+ 1] > limit ? 2 : 0
            pattern |= above[x &+ 2] > limit ? 4 : 0
            pattern |= centre[x &+ 2] > limit ? 8 : 0
            pattern |= below[x &+ 2] > limit ? 16 : 0
            pattern |= below[x &+ 1] > limit ? 32 : 0
            pattern |= below[x] > limit ? 64 : 0
            pattern |= centre[x] > limit ? 128 : 0
            code[x] = pattern
        }
    }

    /// The summed absolute differences of each inner pixel of row `y` to its ring.
    private func measureContrast(_ plane: Plane, _ y: Int) {
        let (above, centre, below) = (plane.row(y &- 1), plane.row(y), plane.row(y &+ 1))
        let contrast = contrasts.base
        for x in 0..<(plane.side &- 2) {
            let c = centre[x &+ 1]
            let upper = Self.distance(above[x], c) &+ Self.distance(above[x &+ 1], c) &+ Self.distance(above[x &+ 2], c)
            let lower = Self.distance(below[x], c) &+ Self.distance(below[x &+ 1], c) &+ Self.distance(below[x &+ 2], c)
            contrast[x] = upper &+ lower &+ Self.distance(centre[x], c) &+ Self.distance(centre[x &+ 2], c)
        }
    }

    /// At most 6105, the width of eosin's range; eight of them fit in 16 bits.
    @inline(__always)
    private static func distance(_ a: Int16, _ b: Int16) -> UInt16 {
        UInt16(bitPattern: max(a, b) &- min(a, b))
    }

    static func bin(of pattern: UInt8) -> Int {
        let rotated = pattern >> 1 | pattern << 7
        return (pattern ^ rotated).nonzeroBitCount <= 2 ? pattern.nonzeroBitCount : 9
    }
}

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

    /// The pattern and the summed absolute differences of each inner pixel of row `y`.
    private func encode(_ plane: Plane, _ y: Int) {
        let (above, centre, below) = (plane.row(y &- 1), plane.row(y), plane.row(y &+ 1))
        let (code, contrast) = (codes.base, contrasts.base)
        for x in 0..<(plane.side &- 2) {
            let c = centre[x &+ 1]
            let (n0, n1, n2) = (above[x], above[x &+ 1], above[x &+ 2])
            let (n3, n4, n5) = (centre[x &+ 2], below[x &+ 2], below[x &+ 1])
            let (n6, n7) = (below[x], centre[x])
            let limit = c &+ Self.tolerance
            let first =
                (n0 > limit ? 1 : 0) | (n1 > limit ? 2 : 0) | (n2 > limit ? 4 : 0) | (n3 > limit ? 8 : 0 as UInt16)
            let second =
                (n4 > limit ? 16 : 0) | (n5 > limit ? 32 : 0) | (n6 > limit ? 64 : 0) | (n7 > limit ? 128 : 0 as UInt16)
            code[x] = first | second
            let upper = Self.distance(n0, c) &+ Self.distance(n1, c) &+ Self.distance(n2, c) &+ Self.distance(n3, c)
            let lower = Self.distance(n4, c) &+ Self.distance(n5, c) &+ Self.distance(n6, c) &+ Self.distance(n7, c)
            contrast[x] = upper &+ lower
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

/// Dimensions 248–255: nucleus-like maxima of haematoxylin on pyramid levels 0–3, where at 0.5 µm per pixel level 0 sees
/// chromatin grains and levels 2 and 3 whole nuclei.
///
/// A maximum is a pixel of at least 0.15 optical density, no paler than its eight neighbours, denser than each of the sixteen
/// pixels two away (the frame of its 5 × 5) and by at least 0.1 denser than their mean: its prominence. Where k of its 3 × 3
/// pixels tie, each counts 1/k, so a nucleus whose centre falls between pixels is still one.
struct NucleusMaxima {
    static let levels = 4
    static let names = (0..<levels).flatMap { ["maxima_l\($0)_density", "maxima_l\($0)_prominence"] }

    private static let leastDensity: Int16 = 154
    private static let leastProminence: Int32 = 102
    /// Divisible by 1…9, so that a share of a tie is an integer.
    private static let whole = 2520

    private let peaks: Cells<UInt16>

    init(side: Int) { peaks = Cells(side) }

    /// Appends the maxima per 64 × 64 pixels of level 0 (1024 µm² at 0.5 µm) and their mean prominence; 0 and 0 if none.
    func append(_ plane: Plane, level: Int, to row: inout FeatureRow) {
        var (shares, prominences) = (0, 0)
        let inner = plane.side &- 4
        for y in 2..<(plane.side &- 2) {
            guard markPeaks(plane, y) > 0 else { continue }
            for x in 2..<(plane.side &- 2) where peaks.base[x] != 0 {
                let centre = plane.row(y) + x
                let frame = Self.frame(centre, plane.side)
                // Sixteen times the prominence, exact.
                let prominence = 16 &* Int32(centre.pointee) &- frame.sum
                guard centre.pointee > frame.highest, prominence >= 16 &* Self.leastProminence else { continue }
                let share = Self.whole / Self.ties(centre, plane.side)
                shares &+= share
                prominences &+= share &* Int(prominence)
            }
        }
        let area = Double((inner * inner) << (2 * level))
        row.append(inner == 0 ? 0 : Double(shares) / Double(Self.whole) * 4096 / area)
        row.append(density: shares == 0 ? 0 : Double(prominences) / 16 / Double(shares))
    }

    /// Marks the pixels of row `y` that are stained and no paler than their neighbours; returns whether there is one (1 or 0).
    private func markPeaks(_ plane: Plane, _ y: Int) -> UInt16 {
        let (above, row, below) = (plane.row(y &- 1), plane.row(y), plane.row(y &+ 1))
        let out = peaks.base
        var any: UInt16 = 0
        for x in 1..<(plane.side &- 1) {
            let upper = max(max(above[x &- 1], above[x]), above[x &+ 1])
            let lower = max(max(below[x &- 1], below[x]), below[x &+ 1])
            let around = max(max(upper, lower), max(row[x &- 1], row[x &+ 1]))
            let peak: UInt16 = row[x] >= max(around, Self.leastDensity) ? 1 : 0
            out[x] = peak
            any |= peak
        }
        return any
    }

    /// The sixteen pixels at distance two.
    private static func frame(_ centre: UnsafeMutablePointer<Int16>, _ side: Int) -> (sum: Int32, highest: Int16) {
        var (sum, highest): (Int32, Int16) = (0, .min)
        for dy in -2...2 {
            let step = dy == -2 || dy == 2 ? 1 : 4
            for dx in stride(from: -2, through: 2, by: step) {
                let value = centre[dy &* side &+ dx]
                sum &+= Int32(value)
                highest = max(highest, value)
            }
        }
        return (sum, highest)
    }

    /// How many of the 3 × 3 pixels equal the centre, itself among them.
    private static func ties(_ centre: UnsafeMutablePointer<Int16>, _ side: Int) -> Int {
        var count = 0
        for dy in -1...1 {
            for dx in -1...1 where centre[dy &* side &+ dx] == centre.pointee { count &+= 1 }
        }
        return count
    }
}

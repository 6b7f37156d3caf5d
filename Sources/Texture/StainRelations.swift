/// Dimensions 32–75: how the stain planes go together.
struct StainRelations {
    static let names =
        [
            "correlation_he", "correlation_hr", "correlation_er",
            "area_blank", "area_h_039", "area_h_068", "area_eosin_only", "area_very_dark",
        ] + (0..<bins).flatMap { h in (0..<bins).map { e in "joint_h\(h)_e\(e)" } }

    private static let bins = 6

    /// Thresholds in 1/1024 optical density.
    private static let blankUpTo: Int16 = 63
    private static let stainedAbove: Int16 = 399
    private static let denseAbove: Int16 = 696
    private static let eosinAbove: Int16 = 96
    private static let eosinOnlyBelow: Int16 = 154
    private static let veryDarkAbove: Int16 = 1024

    private let joint = Cells<UInt32>(bins * bins)

    /// Appends the 44 numbers; `moments` are those of the planes, in their order.
    func append(_ planes: StainPlanes, moments: [Moments], to row: inout FeatureRow) {
        appendCorrelations(planes, moments, to: &row)
        appendAreas(planes, to: &row)
        appendJointColour(planes, to: &row)
    }

    /// Pearson's correlation of each pair of h, e and residual; 0 where one of the two is constant.
    private func appendCorrelations(_ planes: StainPlanes, _ moments: [Moments], to row: inout FeatureRow) {
        let (h, e, r) = (planes.haematoxylin.base, planes.eosin.base, planes.residual.base)
        var (he, hr, er) = (0, 0, 0)
        for i in 0..<planes.haematoxylin.area {
            let (hv, ev, rv) = (Int32(h[i]), Int32(e[i]), Int32(r[i]))
            he &+= Int(hv &* ev)
            hr &+= Int(hv &* rv)
            er &+= Int(ev &* rv)
        }
        for (products, a, b) in [
            (he, moments[0], moments[1]), (hr, moments[0], moments[2]), (er, moments[1], moments[2]),
        ] {
            row.append(Self.correlation(products, a, b))
        }
    }

    private static func correlation(_ products: Int, _ a: Moments, _ b: Moments) -> Double {
        let spread = a.deviation * b.deviation
        guard spread > 0 else { return 0 }
        let n = Double(a.count)
        let covariance = Double(Int128(a.count) * Int128(products) - a.sum * b.sum) / (n * n)
        return min(max(covariance / spread, -1), 1)
    }

    /// Fractions of the patch's area: blank glass, haematoxylin above 0.39 and 0.68, eosin without haematoxylin, and very
    /// dark (pigment, folds, ink).
    private func appendAreas(_ planes: StainPlanes, to row: inout FeatureRow) {
        let glass = planes.opticalDensity.area - Self.count(planes.opticalDensity, above: Self.blankUpTo)
        row.append(fraction: glass, of: planes.opticalDensity)
        row.append(fraction: Self.count(planes.haematoxylin, above: Self.stainedAbove), of: planes.haematoxylin)
        row.append(fraction: Self.count(planes.haematoxylin, above: Self.denseAbove), of: planes.haematoxylin)
        row.append(fraction: Self.countEosinOnly(planes), of: planes.eosin)
        row.append(fraction: Self.count(planes.opticalDensity, above: Self.veryDarkAbove), of: planes.opticalDensity)
    }

    private static func count(_ plane: Plane, above threshold: Int16) -> Int {
        let values = plane.base
        var count: Int32 = 0
        for i in 0..<plane.area { count &+= values[i] > threshold ? 1 : 0 }
        return Int(count)
    }

    private static func countEosinOnly(_ planes: StainPlanes) -> Int {
        let (h, e) = (planes.haematoxylin.base, planes.eosin.base)
        var count: Int32 = 0
        for i in 0..<planes.eosin.area {
            let eosin: Int32 = e[i] > Self.eosinAbove ? 1 : 0
            let pale: Int32 = h[i] < Self.eosinOnlyBelow ? 1 : 0
            count &+= eosin & pale
        }
        return Int(count)
    }

    /// Square roots of the fractions of pixels in 6 × 6 bins of haematoxylin (0.125 wide) and eosin (0.0625 wide), the first
    /// and last bins open: Euclidean distance between two of them is Hellinger's.
    private func appendJointColour(_ planes: StainPlanes, to row: inout FeatureRow) {
        joint.clear()
        let (h, e) = (planes.haematoxylin.base, planes.eosin.base)
        let counts = joint.base
        let last = Int16(Self.bins - 1)
        for i in 0..<planes.haematoxylin.area {
            let hBin = min(max(h[i] >> 7, 0), last)
            let eBin = min(max(e[i] >> 6, 0), last)
            counts[Int(hBin &* Int16(Self.bins) &+ eBin)] &+= 1
        }
        let area = Double(planes.haematoxylin.area)
        for bin in 0..<joint.count { row.append((Double(counts[bin]) / area).squareRoot()) }
    }
}

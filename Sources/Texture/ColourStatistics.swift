/// Dimensions 0–31: mean, standard deviation, bounded skew and five quantiles of each stain plane, from one exact
/// histogram per plane.
struct ColourStatistics {
    static let names = ["h", "e", "residual", "od"].flatMap { plane in
        ["mean", "sd", "skew", "q05", "q25", "q50", "q75", "q95"].map { "\(plane)_\($0)" }
    }

    private static let percents = [5, 25, 50, 75, 95]
    private let histogram = Cells<UInt32>(StainPlanes.range.count)

    /// Appends the 32 numbers and returns the moments of the planes in their order (h, e, residual, od).
    func append(_ planes: StainPlanes, to row: inout FeatureRow) -> [Moments] {
        [planes.haematoxylin, planes.eosin, planes.residual, planes.opticalDensity].map { plane in
            count(plane)
            let (moments, quantiles) = summary(of: plane.area)
            row.append(density: moments.mean)
            row.append(density: moments.deviation)
            row.append(moments.boundedSkew)
            for quantile in quantiles { row.append(density: Double(quantile)) }
            return moments
        }
    }

    private func count(_ plane: Plane) {
        histogram.clear()
        let bins = histogram.base - StainPlanes.range.lowerBound
        let values = plane.base
        for i in 0..<plane.area { bins[Int(values[i])] &+= 1 }
    }

    /// The moments, and for each percent p the smallest value with at least p % of the pixels at or below it.
    private func summary(of area: Int) -> (Moments, [Int]) {
        var (sum, squares, cubes, seen) = (0, 0, 0, 0)
        var quantiles: [Int] = []
        quantiles.reserveCapacity(Self.percents.count)
        for bin in 0..<histogram.count {
            let pixels = Int(histogram.base[bin])
            guard pixels > 0 else { continue }
            let value = bin &+ StainPlanes.range.lowerBound
            sum &+= pixels &* value
            squares &+= pixels &* value &* value
            cubes &+= pixels &* value &* value &* value
            seen &+= pixels
            while quantiles.count < Self.percents.count, seen &* 100 >= Self.percents[quantiles.count] &* area {
                quantiles.append(value)
            }
        }
        return (Moments(count: area, sum: Int128(sum), squares: Int128(squares), cubes: Int128(cubes)), quantiles)
    }
}

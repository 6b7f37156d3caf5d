/// Dimensions 196–247: first- and second-order statistics of gradients of haematoxylin and eosin.
struct GradientStatistics {
    static let levels = 4

    static let firstOrderNames = ["h", "e"].flatMap { plane in
        (0..<levels).flatMap { level in
            ["gradient_mean", "gradient_sd", "coherence", "laplacian_mean", "laplacian_skew"].map {
                "\(plane)_l\(level)_\($0)"
            }
        }
    }

    static let secondOrderNames = ["h", "e"].flatMap { plane in
        (0..<levels).flatMap { level in (level + 1..<levels).map { "\(plane)_l\(level)_modulus_l\($0)" } }
    }

    private let gradients: Gradients
    /// For each level the modulus of its gradient and that modulus' own halvings.
    private let moduli: [Pyramid]
    /// Where moduli of moduli go, of which only the mean is wanted: planes of levels 1, 2 and 3.
    private let scratch: [Plane]

    init(side: Int) {
        gradients = Gradients(side: side)
        scratch = Pyramid(base: Plane(side: side / 2), count: Self.levels - 1).levels
        moduli = (0..<Self.levels).map { level in
            Pyramid(base: Plane(side: side >> level), count: Self.levels - level)
        }
    }

    /// Appends five numbers per level, level 0 first: mean and deviation of the gradient modulus, coherence, mean size and
    /// bounded skew of the Laplacian. Returns the plane's six second-order numbers,
    /// whose place in the row comes later.
    func appendFirstOrder(_ pyramid: Pyramid, to row: inout FeatureRow) -> [Double] {
        var secondOrder: [Double] = []
        for (level, plane) in pyramid.levels.enumerated() {
            let moments = gradients.modulus(of: plane, into: moduli[level].levels[0])
            let laplacian = Laplacian.summary(of: plane)
            row.append(density: moments.mean)
            row.append(density: moments.deviation)
            row.append(gradients.coherence(of: plane))
            row.append(density: laplacian.meanSize)
            row.append(laplacian.skew)
            secondOrder += bands(of: level, mean: moments.mean)
        }
        return secondOrder
    }

    /// The mean gradient modulus, at every coarser level, of the gradient modulus of `level`, relative to the latter's `mean`:
    /// in the manner of second-order scattering (Bruna and Mallat 2013), how patchy the texture of one scale is at a coarser
    /// one. 0 of a flat plane; the ratio is bounded, because every difference is at most twice the larger neighbour.
    private func bands(of level: Int, mean: Double) -> [Double] {
        moduli[level].build()
        return zip(moduli[level].levels.dropFirst(), scratch[level...]).map { coarse, out in
            mean == 0 ? 0 : gradients.modulus(of: coarse, into: out).mean / mean
        }
    }
}

public import Records

/// A plain model of each bag's mean features, which a model that looks at patches has to beat.
public enum Baseline: String, CaseIterable, Codable, Sendable {
    /// A regression: logistic of classes, labels and grades, ridge of numbers, Cox's of survival.
    case linear
    /// The answer of the training bag that is nearest.
    case nearest
    /// The regression by a Gaussian kernel.
    case kernel

    /// For readers, as it stands inside a sentence.
    public func title(_ kind: Target.Kind) -> String {
        let regression =
            switch kind {
            case .class, .labels, .ordinal: "logistic"
            case .number: "ridge"
            case .survival: "Cox"
            }
        return switch self {
        case .linear: "\(regression) regression on mean features"
        case .nearest: "nearest neighbour of mean features"
        case .kernel: "\(regression) regression by an RBF kernel on mean features"
        }
    }

    /// λ of Σ loss + λ/2 ‖w‖², the strongest first: of equal ones on the validation part it is taken.
    static let penalties: [Double] = [1000, 100, 10, 1, 0.1, 0.01, 0.001]
    /// Widths of the kernel, in median distances between training bags.
    static let widths: [Double] = [2, 1, 0.5]
    /// Where no validation part can choose.
    static let usual = (penalty: 1.0, width: 1.0)
}

/// A bag as baselines see it.
public struct MeanBag: Sendable {
    public var slide: CohortSlide
    /// The mean over its patches, `[D]`.
    public var features: [Double]

    public init(slide: CohortSlide, features: [Double]) { (self.slide, self.features) = (slide, features) }
}

/// What stands in a file of annotations and is no area to use, counted by feature.
public struct SkippedFeatures: Equatable, Sendable {
    public enum Kind: CaseIterable, Sendable {
        case point, line
        /// Without a geometry, or with one that has no coordinates.
        case empty
        /// Of QuPath's class `Ignore*`.
        case ignored
        /// Of a type that is not known to enclose anything.
        case other

        fileprivate func words(_ count: Int) -> String {
            switch self {
            case .point: count == 1 ? "1 point" : "\(count) points"
            case .line: count == 1 ? "1 line" : "\(count) lines"
            case .empty: "\(count) without a geometry"
            case .ignored: "\(count) of the class Ignore*"
            case .other: "\(count) of an unknown type"
            }
        }
    }

    public private(set) var counts: [Kind: Int] = [:]

    public init(_ counts: [Kind: Int] = [:]) { self.counts = counts }

    public var total: Int { counts.values.reduce(0, +) }

    /// `2 points, 1 line`; empty where nothing was skipped.
    public var words: String {
        Kind.allCases.compactMap { kind in counts[kind].map { kind.words($0) } }.joined(separator: ", ")
    }

    mutating func add(_ kind: Kind) { counts[kind, default: 0] += 1 }

    public static func + (left: SkippedFeatures, right: SkippedFeatures) -> SkippedFeatures {
        SkippedFeatures(left.counts.merging(right.counts, uniquingKeysWith: +))
    }
}

public import Records

/// Where bags come from; a source may be asked for the same slide again and again, and by several threads.
public protocol BagSource: Sendable {
    /// The bag of one slide; it may have no row.
    func bag(_ slide: SlideID) throws -> Bag
}

extension Bag {
    /// Mean of every feature over the instances; empty for an empty bag.
    public var meanFeatures: [Double] {
        guard count > 0 else { return [] }
        var sums = [Double](repeating: 0, count: width)
        sums.withUnsafeMutableBufferPointer { sums in
            features.withUnsafeBufferPointer { features in
                for row in 0..<count {
                    let start = row * width
                    for column in 0..<width { sums[column] += Double(features[start + column]) }
                }
            }
        }
        return sums.map { $0 / Double(count) }
    }

    /// Checks what every model relies on: full rows of `width` finite numbers.
    /// - Throws: `BagError`.
    public func checked(width: Int?) throws -> Bag {
        guard count > 0 else { return self }
        if let width, width != self.width {
            throw BagError.bag(
                slide: unit,
                reason: "features are \(self.width) wide, \(width) are wanted; use the features of one encoder"
            )
        }
        if let bad = features.firstIndex(where: { !$0.isFinite }) {
            throw BagError.nonFinite(slide: unit, row: bad / self.width, column: bad % self.width)
        }
        return self
    }
}

/// A bag that cannot be used.
public enum BagError: ReportableError, Equatable {
    /// Its features are not what is wanted.
    case bag(slide: String, reason: String)
    /// A feature that is no finite number.
    case nonFinite(slide: String, row: Int, column: Int)

    public var code: ErrorCode {
        switch self {
        case .bag: .bag
        case .nonFinite: .nonFinite
        }
    }

    public var subject: String? {
        switch self {
        case .bag(let slide, _), .nonFinite(let slide, _, _): slide
        }
    }

    public var message: String {
        switch self {
        case .bag(_, let reason): reason
        case .nonFinite(_, let row, let column):
            "feature \(column) of patch \(row) is not a finite number; make the slide's features again"
        }
    }
}

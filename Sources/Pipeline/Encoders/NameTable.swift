/// What a tensor of ours is made of, in the words of the file that it comes from.
enum TensorPiece: Equatable, Sendable {
    case named(String)
    /// The same with rows and columns exchanged.
    case transposed(String)
    /// Some of so many equal parts of its rows.
    case part(String, Range<Int>, of: Int)
    /// Zeros, such as the bias of a layer that has none.
    case zeros

    /// The tensor that it is, or is cut from.
    var name: String? {
        switch self {
        case .named(let name), .transposed(let name), .part(let name, _, _): name
        case .zeros: nil
        }
    }

    /// Whether others may be cut from the same tensor.
    var isShare: Bool { if case .part = self { true } else { false } }

    func prefixed(_ prefix: String) -> TensorPiece {
        switch self {
        case .named(let name): .named(prefix + name)
        case .transposed(let name): .transposed(prefix + name)
        case .part(let name, let parts, let count): .part(prefix + name, parts, of: count)
        case .zeros: .zeros
        }
    }
}

extension TensorPiece: ExpressibleByStringLiteral {
    init(stringLiteral name: String) { self = .named(name) }
}

/// Equal parts that are put one below the other.
typealias TensorParts = [TensorPiece]

/// A tensor of ours and the ways in which files have it, of which the first is taken whose tensors are there.
struct NameRow: Sendable {
    let ours: String
    let ways: [TensorParts]

    init(_ ours: String, _ ways: TensorParts...) { (self.ours, self.ways) = (ours, ways) }

    /// Weight and bias of a layer; zeros for a bias that a file lacks.
    static func layer(_ ours: String, _ theirs: String...) -> [NameRow] {
        [
            NameRow("\(ours).weight", theirs.map { [.named("\($0).weight")] }),
            NameRow("\(ours).bias", theirs.map { [.named("\($0).bias")] } + [[.zeros]]),
        ]
    }

    /// Weight and bias of a normalisation.
    static func norm(_ ours: String, _ theirs: String) -> [NameRow] {
        ["weight", "bias"].map { NameRow("\(ours).\($0)", [.named("\(theirs).\($0)")]) }
    }

    private init(_ ours: String, _ ways: [TensorParts]) { (self.ours, self.ways) = (ours, ways) }
}

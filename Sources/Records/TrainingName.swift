/// The name of a training and of its predictions: `<name>`, or `<name>/seed_S` of one among several seeds.
public struct TrainingName: Hashable, Sendable {
    /// What the config calls it; a name that looks like a seed's is no seed's.
    public let study: String
    /// nil where the training has one seed.
    public let seed: UInt64?

    public init(_ study: String, seed: UInt64? = nil) { (self.study, self.seed) = (study, seed) }

    /// A name as it stands in paths and on the command line, where `acmil/` and `./acmil` are `acmil`.
    public init(text: String) {
        let steps = text.split(separator: "/", omittingEmptySubsequences: false).filter { $0 != "." }
        let text = steps.last == "" ? steps.dropLast().joined(separator: "/") : steps.joined(separator: "/")
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let seed = SeedFolder.seed(of: String(parts[1])) else {
            self.init(text)
            return
        }
        self.init(String(parts[0]), seed: seed)
    }

    public var text: String { seed.map { "\(study)/\(SeedFolder.name($0))" } ?? study }
}

extension TrainingName: CustomStringConvertible {
    public var description: String { text }
}

extension TrainingName: Comparable {
    /// By name, then the seeds in their order.
    public static func < (left: TrainingName, right: TrainingName) -> Bool {
        if left.study != right.study { return left.study < right.study }
        guard let one = left.seed, let other = right.seed else { return left.seed == nil && right.seed != nil }
        return one < other
    }
}

extension TrainingName: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(text: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// `seed_S`: the folder of one seed among several.
public enum SeedFolder {
    private static let prefix = "seed_"

    public static func name(_ seed: UInt64) -> String { "\(prefix)\(seed)" }

    /// nil for any other folder.
    public static func seed(of name: String) -> UInt64? {
        guard name.hasPrefix(prefix), let seed = UInt64(name.dropFirst(prefix.count)), self.name(seed) == name else {
            return nil
        }
        return seed
    }

    /// The seeds that have a folder, in their order.
    public static func seeds(among names: some Sequence<String>) -> [UInt64] { names.compactMap(seed).sorted() }
}

/// `fold_K`: the folder of a fold, the name of what it stands for among inputs and rows, and with `seed_S_` before it where there
/// are several seeds the unit of its outcome.
public enum FoldName {
    private static let prefix = "fold_"

    public static func text(_ fold: Int) -> String { "\(prefix)\(fold)" }

    /// nil for any other name.
    public static func fold(of name: some StringProtocol) -> Int? {
        guard name.hasPrefix(prefix), let fold = Int(name.dropFirst(prefix.count)), fold >= 0, text(fold) == name else {
            return nil
        }
        return fold
    }

    /// What its outcome is about, as text.
    static func unit(_ fold: Int, seed: UInt64?) -> String {
        seed.map { "\(SeedFolder.name($0))_\(text(fold))" } ?? text(fold)
    }

    /// What `unit` was made of; nil for any other text.
    static func parts(ofUnit text: String) -> (fold: Int, seed: UInt64?)? {
        if let fold = fold(of: text) { return (fold, nil) }
        guard let place = text.firstRange(of: "_\(prefix)"),
            let seed = SeedFolder.seed(of: String(text[..<place.lowerBound])),
            let fold = fold(of: text[place.lowerBound...].dropFirst())
        else { return nil }
        return (fold, seed)
    }
}

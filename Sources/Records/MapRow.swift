/// The name of a row of a prediction: `branch_0`, with the model before it where there are several: `fold_1.branch_0`,
/// `seed_2.fold_1.contribution_0`, `mean.contribution_0`.
public struct MapRow: Hashable, Sendable {
    /// The models, with a point behind each; empty where there is one.
    public let models: Substring
    /// What the row is; empty where it is all that its model has.
    public let role: Substring

    public init(_ name: String) {
        var rest = name[...]
        while let point = rest.firstIndex(of: "."), Self.isModel(rest[..<point]) {
            rest = rest[rest.index(after: point)...]
        }
        role = FoldName.fold(of: rest) == nil ? rest : ""
        models = name.dropLast(role.count)
    }

    private static func isModel(_ word: Substring) -> Bool {
        FoldName.fold(of: word) != nil || SeedFolder.seed(of: String(word)) != nil || "\(word)." == Explanation.mean
    }
}

/// What the rows of numbers are that a model gives its patches.
public enum MapKind: String, Codable, CaseIterable, Sendable {
    /// Shares of the bag: a row sums to 1, and N times a share tells how far it is from uniform.
    case attention
    /// Numbers whose order and ratios mean something, but which are no shares of anything.
    case score
}

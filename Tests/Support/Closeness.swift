/// Largest absolute difference; infinite where the counts differ.
public func distance(_ left: [Float], _ right: [Float]) -> Float {
    guard left.count == right.count else { return .infinity }
    return zip(left, right).map { abs($0 - $1) }.max() ?? 0
}

/// Whether two lists agree to `tolerance`, absolute or relative to the larger magnitude.
public func agree(_ found: [Float], _ wanted: [Float], _ tolerance: Float = 1e-5) -> Bool {
    found.count == wanted.count
        && zip(found, wanted).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($0), abs($1)) }
}

import Records

/// Which levels are used: only those that show what level 0 shows. Converters and interrupted copies leave levels that are blank,
/// black, half filled, mirrored, shifted, of another shape or of another slide.
extension Slide {
    /// What `choose` makes of the pyramid, until it takes a level that can be trusted: what cannot is ignored from then on.
    func choosing<Choice>(_ level: (Choice) -> Int, _ choose: (Pyramid) throws -> Choice) rethrows -> Choice {
        while true {
            let choice = try choose(pyramid)
            if trusts(level(choice)) { return choice }
        }
    }

    /// The level that `choose` takes of those that can be trusted.
    public func trustedLevel(_ choose: (Pyramid) -> Int) -> Int { choosing(\.self, choose) }

    /// Why levels were ignored so far.
    var levelNotes: [String] { levels.indices.compactMap { levelDoubts[$0] ?? nil } }

    private func trusts(_ level: Int) -> Bool {
        guard level > 0 else { return true }
        if let known = levelDoubts[level] { return known == nil }
        let found = timed { doubt(about: level) }
        levelDoubts[level] = .some(found)
        if found != nil { pyramid.ignore(level) }
        return found == nil
    }

    private func doubt(about level: Int) -> String? {
        let size = levels[level].size
        let name = "level \(level) of \(size.width) × \(size.height) pixels"
        guard pyramid.hasProportions(level) else {
            return "\(name) has another shape than level 0, \(self.size.width) × \(self.size.height), and is ignored"
        }
        let comparison = LevelComparison(of: self, level, with: reference(for: level))
        guard comparison.isAnother else { return nil }
        let share = "\(comparison.differing) of \(comparison.compared) places"
        return "\(name) does not show what level 0 shows at \(share) and is ignored"
    }

    /// A finer level that is trusted: the finest that is not more than eight times finer, so that little is read.
    private func reference(for level: Int) -> Int {
        let near = (0..<level).first { levels[level].downsample <= 8 * levels[$0].downsample } ?? level - 1
        return (0...near).last { trusts($0) } ?? 0
    }
}

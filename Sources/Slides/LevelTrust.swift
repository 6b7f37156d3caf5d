import Records

/// Which levels are used: only those that show what level 0 shows. Converters and interrupted copies leave levels that are blank,
/// black, half filled, mirrored, shifted, of another shape or of another slide.
extension Slide {
    /// What `choose` makes of the pyramid, until it takes a level that can be trusted: what cannot is ignored from then on.
    /// - Throws: what `choose` throws; `SlideError` of the machine, where it fails while levels are compared.
    func choosing<Choice>(_ level: (Choice) -> Int, _ choose: (Pyramid) throws -> Choice) throws -> Choice {
        while true {
            let choice = try choose(pyramid)
            if try trusts(level(choice)) { return choice }
        }
    }

    /// The level that `choose` takes of those that can be trusted.
    /// - Throws: `SlideError` of the machine, where it fails while levels are compared.
    public func trustedLevel(_ choose: (Pyramid) -> Int) throws -> Int { try choosing(\.self, choose) }

    /// Why levels were ignored so far.
    var levelNotes: [String] { levels.indices.compactMap { levelDoubts[$0] ?? nil } }

    private func trusts(_ level: Int) throws -> Bool {
        guard level > 0 else { return true }
        if let known = levelDoubts[level] { return known == nil }
        // Where a place cannot be read the comparison goes on without it. Of the machine's fault nothing may follow.
        fault = nil
        let found = try timed { try doubt(about: level) }
        if let fault { throw fault }
        levelDoubts[level] = .some(found)
        if found != nil { pyramid.ignore(level) }
        return found == nil
    }

    private func doubt(about level: Int) throws -> String? {
        let size = levels[level].size
        let name = "level \(level) of \(size.width) × \(size.height) pixels"
        guard size.hasProportions(of: self.size) else {
            return "\(name) has another shape than level 0, \(self.size.width) × \(self.size.height), and is ignored"
        }
        let comparison = LevelComparison(of: self, level, with: try reference(for: level))
        guard comparison.isAnother else { return nil }
        let share = "\(comparison.differing) of \(comparison.compared) places"
        return "\(name) does not show what level 0 shows at \(share) and is ignored"
    }

    /// A finer level that is trusted: the finest that is not more than eight times finer, so that little is read.
    private func reference(for level: Int) throws -> Int {
        let near = (0..<level).first { levels[level].downsample <= 8 * levels[$0].downsample } ?? level - 1
        return try (0...near).last { try trusts($0) } ?? 0
    }
}

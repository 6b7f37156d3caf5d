import Config
import Records
import Storage

/// Slides under several names: in different cases they would be on both sides of a split.
enum SameSlides {
    /// A line for slides of different cases whose files, or whose features from another tool, have the same bytes; nil where there
    /// are none.
    static func note(of cohort: Cohort, _ features: Features) -> String? {
        let digests = features.areForeign ? features.versions : features.slideDigests
        let groups = Dictionary(grouping: cohort.slides) { digests[$0.slide] ?? "" }
        let same = groups.filter { digest, slides in
            // One file with the features of many slides is no copy.
            let areCopies = !features.areForeign || Set(slides.map { features.files[$0.slide] }).count > 1
            return areCopies && digest != "" && digest != TileStage.unreadable && Set(slides.map(\.caseID)).count > 1
        }
        .values.map { $0.map(\.slide).sorted() }.sorted { $0[0] < $1[0] }
        guard let first = same.first else { return nil }
        let what = features.areForeign ? "features" : "slides"
        let more = same.count > 1 ? " (and \(same.count - 1) more groups)" : ""
        return "warning: \(what) of different cases are the same file: \(first.map(\.text).shortened)\(more); "
            + "where one of them is tested, the model may have been trained on it"
    }
}

extension TilingConfig {
    /// What a config says of the tiling, where the features at hand were cut otherwise; nil where nothing contradicts it.
    func note(beside facts: PatchFacts) -> String? {
        let differing = facts.mismatches(with: PatchFacts(mpp: mpp, side: patchSize)).filter(\.isOfScale)
        if differing.isEmpty { return nil }
        let words = differing.map { "\($0.member.words) \($0.first), not \($0.second)" }.joined(separator: "; ")
        return
            "warning: the features of this job were not cut as the config's tiling says: \(words); the features count"
    }
}

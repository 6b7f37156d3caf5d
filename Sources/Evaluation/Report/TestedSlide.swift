import Records

/// A slide of a fold's test part.
struct TestedSlide {
    var slide: SlideID
    var fold: Int
    var judged: Judged
    /// In force for the decision; nil: most probable class.
    var threshold: Double?

    /// The test slides of several runs over the same folds, with their mean answers and mean thresholds; risks are made comparable.
    ///
    /// Of one run they are its own.
    static func averaged(_ given: [TrainedFolds]) -> [TestedSlide] {
        let runs = given.count > 1 ? given.map(\.comparable) : given
        guard let first = runs.first else { return [] }
        return first.folds.enumerated().flatMap { place, fold in
            let peers = runs.compactMap { $0.folds.indices.contains(place) ? $0.folds[place] : nil }
            let thresholds = peers.compactMap(\.card.threshold)
            let threshold =
                thresholds.count == peers.count ? thresholds.reduce(0, +) / Double(thresholds.count) : nil
            let tables = peers.map { peer in
                Dictionary(peer.predictions.part("test").map { ($0.slide, $0.judged) }, uniquingKeysWith: { $1 })
            }
            return zip(fold.predictions.part("test"), fold.test).map { row, own in
                let voices = tables.compactMap { $0[row.slide] }
                guard voices.count > 1 else {
                    return TestedSlide(slide: row.slide, fold: fold.card.fold, judged: own, threshold: threshold)
                }
                var judged = own
                judged.answer = Answer.mean(.ofSeeds, of: voices.map(\.answer).alikeTold) ?? judged.answer
                judged.answer = judged.answer.decided(by: threshold)
                return TestedSlide(slide: row.slide, fold: fold.card.fold, judged: judged, threshold: threshold)
            }
        }
    }
}

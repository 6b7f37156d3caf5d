import Records

/// How well attention ranks the patches inside annotated regions above the others.
public struct PatchRanking: Codable, Equatable, Sendable {
    /// AUC of attention by slide; only slides with patches on both sides of an annotation.
    public var bySlide: [String: Double]
    /// Mean over those slides; nil without any.
    public var meanAUC: Double?
    /// AUC of N·attention over the patches of all of them together.
    public var pooledAUC: Double?
    /// Annotated slides without a patch inside, or with all inside: nothing to rank.
    public var unranked: [String]

    enum CodingKeys: String, CodingKey {
        case unranked
        case bySlide = "by_slide"
        case meanAUC = "mean_auc"
        case pooledAUC = "pooled_auc"
    }

    /// One annotated slide.
    struct Slide {
        var slide: SlideID
        /// Attention per patch, summing to 1.
        var attention: [Double]
        /// Whether the patch's centre lies in an annotated region.
        var inside: [Bool]
    }

    init(_ slides: [Slide]) {
        bySlide = [:]
        unranked = []
        var scores: [Double] = []
        var inside: [Bool] = []
        for slide in slides.sorted(by: { $0.slide < $1.slide }) {
            guard let auc = Metrics.auc(slide.attention, positive: slide.inside) else {
                unranked.append(slide.slide.text)
                continue
            }
            bySlide[slide.slide.text] = auc
            // Times N, attention is relative to uniform, and slides of different size can be compared.
            scores += slide.attention.map { $0 * Double(slide.attention.count) }
            inside += slide.inside
        }
        let areas = bySlide.sorted { $0.key < $1.key }.map(\.value)
        meanAUC = areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
        pooledAUC = Metrics.auc(scores, positive: inside)
    }
}

public import Records

extension ModelConfig {
    /// Why a model cannot be explained so, in words; nil where it can.
    public func refusal(of explanation: Explanation) -> String? {
        switch explanation {
        case .contribution:
            (kind == .dsmil ? nil : faultOfLinearPooling).map {
                "contributions are of models that pool linearly (abmil, acmil ga, clam, mean, max, mhim on abmil, dtfd, rrt, dsmil): \($0)"
            }
        case .critical: kind == .dsmil ? nil : "critical is of dsmil, which has a stream of critical instances"
        case .single, .occlusion: nil
        case .ig:
            faultOfPatchPooling.map {
                "ig is of models that pool what they make of each patch alone (abmil, acmil ga, clam, mean, mhim on abmil): \($0)"
            }
        case .lrp:
            (faultOfPatchPooling ?? (kind == .mean ? "mean has no attention to be held" : nil)).map {
                "lrp is of models that pool by attention what they make of each patch alone (abmil, acmil ga, clam, mhim on abmil): \($0)"
            }
        }
    }

    /// Why outputs are not linear in the instances once attention is held.
    private var faultOfLinearPooling: String? {
        switch self {
        case .abmil, .clam, .dtfd, .rrt, .pooling: nil
        case .acmil(let config):
            config.variant == .ga ? nil : "acmil's variant mha normalises what its heads have pooled"
        case .mhim(let config):
            config.host == .abmil ? nil : "mhim's host \(config.host.rawValue) does not pool linearly"
        case .dsmil: "dsmil takes the critical instance, and probabilities are averaged"
        case .transmil: "transmil's instances act on each other before they are pooled"
        case .wikg: "wikg normalises what it has pooled"
        }
    }

    /// Why a bag is no sum over instances, each made of one patch alone, that attention or nothing weighs.
    private var faultOfPatchPooling: String? {
        func reembedded(_ config: ReembeddingConfig?) -> String? {
            config.map { _ in "with reembedding patches act on each other before they are pooled" }
        }
        return switch self {
        case .abmil(let config): reembedded(config.reembedding)
        case .clam(let config): reembedded(config.reembedding)
        case .acmil(let config): faultOfLinearPooling ?? reembedded(config.reembedding)
        case .pooling(let config):
            config.kind == .max ? "max takes one patch for each output" : reembedded(config.reembedding)
        case .dtfd: "dtfd pools twice, in pseudo-bags and over them"
        case .rrt: "rrt's patches act on each other before they are pooled"
        case .dsmil, .mhim, .transmil, .wikg: faultOfLinearPooling
        }
    }
}

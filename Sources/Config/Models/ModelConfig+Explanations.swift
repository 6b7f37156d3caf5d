public import Records

extension ModelConfig {
    /// Why a model cannot be explained so, in words; nil where it can.
    public func refusal(of explanation: Explanation) -> String? {
        switch explanation {
        case .contribution:
            let reason: String? =
                switch self {
                case .abmil, .clam, .dtfd, .rrt: nil
                case .acmil(let config):
                    config.variant == .ga ? nil : "acmil's variant mha normalises what its heads have pooled"
                case .pooling(let config):
                    config.kind == .mean ? nil : "max takes one instance for each output"
                case .mhim(let config):
                    config.host == .abmil ? nil : "mhim's host \(config.host.rawValue) does not pool linearly"
                case .dsmil: "dsmil takes the critical instance, and probabilities are averaged"
                case .transmil: "transmil's instances act on each other before they are pooled"
                case .wikg: "wikg normalises what it has pooled"
                }
            return reason.map {
                "contributions are of models that pool linearly (abmil, acmil ga, clam, mean, mhim on abmil, dtfd, rrt): \($0)"
            }
        }
    }
}

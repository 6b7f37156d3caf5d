import Records
import Torch

/// One pass of an ACMIL model; a training pass has its attention masked.
struct BranchPass {
    /// Reduced instances `[N, D]`.
    var instances: Tensor
    /// `[K, N]` or `[heads, K, N]`, after masking.
    var attention: Tensor
    /// `[K, C]`
    var branchLogits: Tensor
    /// `[1, C]`
    var bagLogits: Tensor

    /// Loss of the bag and of the branches plus the diversity loss, all with weight 1.
    ///
    /// With one branch the last two are 0, and the branch's classifier gets no gradient, so no optimiser touches it.
    func loss(target: Aim) throws -> TrainingLoss {
        let bag = try bagLoss(bagLogits, target)
        guard branchLogits.shape[0] > 1 else {
            let none = try Tensor.zeros([], on: bagLogits.device)
            return TrainingLoss(
                total: bag,
                terms: [("bag", bag), ("branch", none), ("diversity", none)],
                attention: attention
            )
        }
        let branch = try bagLoss(branchLogits, target)
        let diversity = try attentionSimilarity(attention)
        return TrainingLoss(
            total: try bag + branch + diversity,
            terms: [("bag", bag), ("branch", branch), ("diversity", diversity)],
            attention: attention
        )
    }
}

/// What ACMIL's variants share: branches that attend on their own, and a bag classifier that alone decides.
protocol BranchModel: MILModel {
    /// - Parameter draws: nil at test time, when nothing is masked or dropped.
    func forward(_ features: Tensor, draws: (any Draws)?) throws -> BranchPass
}

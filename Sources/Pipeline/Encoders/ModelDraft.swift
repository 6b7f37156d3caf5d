import Config
import Records
import Storage

/// The network that the shapes of a file's tensors and the facts beside it describe.
struct ModelDraft {
    let architecture: ViTArchitecture
    /// Patches along a side that the file has positions for; nil: it has none.
    let grid: Int?

    /// - Parameter path: for errors.
    /// - Throws: `Failure` where a number is not to be had.
    init(_ model: NamedModel, _ facts: ModelFacts, path: String) throws {
        func shape(_ ours: String, rank: Int? = nil) throws -> [Int] {
            guard let parts = model.parts(of: ours), let shape = model.shape(of: parts),
                rank ?? shape.count == shape.count,
                !shape.isEmpty
            else {
                throw Failure(
                    .encoder,
                    path,
                    "no tensor makes up \(ours) of a vision transformer"
                )
            }
            return shape
        }
        func missing(_ what: String, _ option: String = "") -> Failure {
            Failure(
                .usage,
                path,
                "\(what) is not in the weights, and no config.json beside them says it; name the model with --as\(option)"
            )
        }
        let width = try shape("patch_embed.proj.weight", rank: 4)[0]
        let hidden = try shape("blocks.0.mlp.fc1.weight", rank: 2)[0]
        let inner = try shape("blocks.0.mlp.fc2.weight", rank: 2)[1]
        let isOfWidth = facts.widthOfHeads == nil || facts.widthOfHeads == width
        guard let heads = facts.heads, isOfWidth else {
            throw missing("the number of attention heads", ", or give --heads")
        }
        guard heads > 0, width.isMultiple(of: heads) else {
            throw Failure(.usage, path, "\(width) numbers per token cannot be shared out to \(heads) heads")
        }
        var draft = ViTArchitecture(
            patch: try shape("patch_embed.proj.weight", rank: 4)[3],
            width: width,
            depth: model.depth,
            heads: heads,
            hidden: hidden
        )
        draft.mlp = hidden == inner * 2 ? .swiglu : facts.mlp ?? .gelu
        if draft.mlp == .swiglu, hidden != inner * 2 { draft.mlp = .gelu }
        draft.layerScale = model.has("blocks.0.ls1.gamma")
        draft.classToken = model.has("cls_token")
        draft.registerTokens = model.has("reg_token") ? try shape("reg_token", rank: 3)[1] : 0
        draft.qkNorm = model.has("blocks.0.attn.q_norm.weight")
        draft.normPre = model.has("norm_pre.weight")
        draft.epsilon = facts.epsilon ?? draft.epsilon
        draft.pool = facts.pool ?? (draft.classToken ? .cls : .mean)
        if model.has("fc_norm.weight"), !model.has("norm.weight") { draft.pool = .meanNorm }
        if model.has("attn_pool.query") {
            draft.pool = .attention
            draft.attentionPool = AttentionPoolArchitecture(width: try shape("attn_pool.q.weight")[0], heads: 8)
        }
        if model.has("projection.fc1.weight") {
            draft.projection = ProjectionArchitecture(
                dim: try shape("projection.fc2.weight")[0],
                hidden: try shape("projection.fc1.weight")[0],
                normalised: true
            )
        } else if model.has("projection.weight") {
            draft.projection = ProjectionArchitecture(dim: try shape("projection.weight")[0])
        }
        if model.has("pos_embed") {
            let rows = try shape("pos_embed").dropLast().last ?? 0
            guard let (grid, prefix) = Self.grid(rows: rows, draft) else {
                throw Failure(.encoder, path, "\(rows) positions are of no square of patches")
            }
            self.grid = grid
            draft.prefixPositions = prefix == draft.prefixTokens
            draft.positionResize = facts.positionResize ?? model.naming.positionResize
        } else {
            guard let rope = facts.rope else { throw missing("where patches lie, or the base of rotary positions,") }
            grid = nil
            (draft.positions, draft.prefixPositions, draft.rope) = (.none, false, rope)
        }
        architecture = draft
    }

    /// How many patches a side has, and how many tokens before them have positions: all, the class token alone, or none.
    private static func grid(rows: Int, _ draft: ViTArchitecture) -> (grid: Int, prefix: Int)? {
        for prefix in [draft.prefixTokens, draft.classToken ? 1 : 0, 0] where rows > prefix {
            let side = Int(Double(rows - prefix).squareRoot())
            if side * side == rows - prefix { return (side, prefix) }
        }
        return nil
    }

    /// The architecture for images of a side: how positions are resized is said only where they are.
    func architecture(input: Int) -> ViTArchitecture {
        var architecture = architecture
        if let grid, grid * architecture.patch == input { architecture.positionResize = nil }
        return architecture
    }
}

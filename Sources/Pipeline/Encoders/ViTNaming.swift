import Config

/// How a library calls the tensors of a vision transformer: one table for each.
///
/// The rows of `trunk` and `block` stand below `trunkPrefix`, those of a block also below `blockPrefix` and its number; the
/// rows of `head` do not.
struct ViTNaming: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case timm
        /// Its own repository: GPFM, OpenMidnight.
        case dinov2
        /// transformers' ViTModel: Phikon.
        case transformersViT = "transformers ViT"
        /// transformers' Dinov2 and Dinov2WithRegisters: Phikon-v2, Midnight, Hibou.
        case transformersDINOv2 = "transformers Dinov2"
        /// transformers' DINOv3ViT.
        case transformersDINOv3 = "transformers DINOv3ViT"
        /// transformers' CLIPModel: PLIP.
        case transformersCLIP = "transformers CLIP"
        /// open_clip's VisionTransformer: QuiltNet.
        case openCLIP = "open_clip"
        case conch = "CONCH"
        case keep = "KEEP"
    }

    let kind: Kind
    /// Tensors that a file of this naming has, below what else its names begin with.
    let marks: [String]
    /// At least one of these must be there too; empty: none need be.
    var tells: [String] = []
    var trunkPrefix = ""
    let blockPrefix: String
    let trunk: [NameRow]
    let block: [NameRow]
    var head: [NameRow] = []
    /// What names of tensors begin with that an encoder of images has no use for.
    var unused: [String] = []
    /// How the library brings positions to another grid.
    let positionResize: ViTArchitecture.PositionResize

    /// Those that say more of a file come before those that say less.
    static let all: [ViTNaming] = [
        conch, keep, transformersCLIP, openCLIP, transformersDINOv3, transformersDINOv2, transformersViT, dinov2, timm,
    ]

    static func of(_ kind: Kind) -> ViTNaming? { all.first { $0.kind == kind } }
}

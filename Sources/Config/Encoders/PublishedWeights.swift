/// A file of weights whose SHA-256, or the beginning of it, its makers say.
public struct PublishedWeights: Codable, Equatable, Sendable {
    /// Its name where it is published.
    public let file: String
    /// The first 8 digits or more of its SHA-256, lower-case hexadecimal.
    public let sha256: String
    /// Where that is said.
    public let source: String

    init(_ file: String, sha256: String, from source: String) {
        (self.file, self.sha256, self.source) = (file, sha256, source)
    }

    /// - Parameter digest: the whole SHA-256 of a file.
    public func matches(_ digest: String) -> Bool { digest.hasPrefix(sha256) }

    /// Of ResNet-50 in its first training, which CLAM and TRIDENT take: torchvision's names hold the first digits, which its loader compares.
    static let resNet50 = [
        PublishedWeights(
            "model.safetensors",
            sha256: "5d061a3c593d795bfe682d9b152bafbcf550579873492def3515b46db1189888",
            from: "timm/resnet50.tv_in1k"
        ),
        PublishedWeights("resnet50-0676ba61.pth", sha256: "0676ba61", from: "torchvision, IMAGENET1K_V1"),
    ]

    static let lunitS8 = [
        PublishedWeights(
            "model.safetensors",
            sha256: "0b7e0236ce430064b31485bbb6f85e661dc5eca0cde709e8f04d59f1c2b23e0b",
            from: "1aurent/vit_small_patch8_224.lunit_dino"
        )
    ]

    static let phikon2 = [
        PublishedWeights(
            "model.safetensors",
            sha256: "261ae680fa699b3b951597fd57aa19c02ef735805acb104b93af69b36d928569",
            from: "owkin/phikon-v2, commit 419e8285"
        )
    ]

    static let hOptimus0 = [
        PublishedWeights(
            "pytorch_model.bin",
            sha256: "bf47b8467403079798661601b6ab06533be789da48d3f8b510aaefe2fbc55cd3",
            from: "bioptimus/H-optimus-0, commit d7e1f88"
        )
    ]

    static let quiltNetB32 = [
        PublishedWeights(
            "open_clip_pytorch_model.bin",
            sha256: "e88815d05f50493a54fc2bab7ccf54075d24339d7b217e6f173c0c158ace92e7",
            from: "wisdomik/QuiltNet-B-32, commit 9b0e8275"
        )
    ]

    static let quiltNetB16 = [
        PublishedWeights(
            "open_clip_pytorch_model.bin",
            sha256: "b059d20776597f0f4ab92635b24b756376fd669b580d6b266c8daa184b0f7379",
            from: "wisdomik/QuiltNet-B-16, commit 3e346212"
        )
    ]

    static let mobileNetV2 = [
        PublishedWeights("mobilenet_v2-b0353104.pth", sha256: "b0353104", from: "torchvision, IMAGENET1K_V1"),
        PublishedWeights("mobilenet_v2-7ebf99e0.pth", sha256: "7ebf99e0", from: "torchvision, IMAGENET1K_V2"),
    ]
}

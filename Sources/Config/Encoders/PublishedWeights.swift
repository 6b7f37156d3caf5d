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

    /// Of ResNet-50: torchvision's names hold the first digits, which its loader compares.
    static let resNet50 = [
        PublishedWeights("resnet50-0676ba61.pth", sha256: "0676ba61", from: "torchvision, IMAGENET1K_V1"),
        PublishedWeights("resnet50-11ad3fa6.pth", sha256: "11ad3fa6", from: "torchvision, IMAGENET1K_V2"),
    ]

    static let mobileNetV2 = [
        PublishedWeights("mobilenet_v2-b0353104.pth", sha256: "b0353104", from: "torchvision, IMAGENET1K_V1"),
        PublishedWeights("mobilenet_v2-7ebf99e0.pth", sha256: "7ebf99e0", from: "torchvision, IMAGENET1K_V2"),
    ]
}

/// Features of two patches by small networks, from torch 2.13.0+cpu and timm 1.0.31; written by
/// scripts/encoder-references.
struct NetworkReference: CustomStringConvertible {
    var name: String
    /// The manifest's `architecture`.
    var architecture: String
    /// Side of the patches in pixels.
    var input: Int
    var dim: Int
    /// Every (dim / 8)-th feature of each patch, eight of them.
    var features: [Float]

    var description: String { name }

    static let all = [
        NetworkReference(
            name: "vit",
            architecture: #"{"family": "vit", "patch": 8, "width": 32, "depth": 2, "heads": 4, "hidden": 128}"#,
            input: 32,
            dim: 32,
            features: [
                1.605308, 0.509199, -1.424646, -0.646145, -1.133287, -0.464716, 1.266186, -0.690837,
                1.706369, 0.466814, -1.619441, 0.018604, -0.636851, -0.601525, 0.842467, -0.431985,
            ]
        ),
        NetworkReference(
            name: "dinov2",
            architecture:
                #"{"family": "vit", "patch": 8, "width": 32, "depth": 2, "heads": 4, "hidden": 128, "layer_scale": true}"#,
            input: 32,
            dim: 32,
            features: [
                1.027192, 0.489245, -0.972479, -1.000843, -1.047869, -0.341193, 1.330466, -1.371866,
                1.28732, 0.64896, -1.440638, -0.312055, -0.58864, -0.536842, 0.666826, -0.821507,
            ]
        ),
        NetworkReference(
            name: "h-optimus",
            architecture:
                #"{"family": "vit", "patch": 8, "width": 32, "depth": 2, "heads": 4, "hidden": 160, "mlp": "swiglu", "layer_scale": true, "register_tokens": 4, "prefix_positions": false}"#,
            input: 32,
            dim: 32,
            features: [
                1.018702, 0.430637, -0.068848, -0.308866, -0.39951, -0.556459, 0.129255, -0.061196,
                0.631892, 0.655508, -0.764952, -0.203444, -0.396439, -0.50018, 0.207786, -0.535161,
            ]
        ),
        NetworkReference(
            name: "virchow",
            architecture:
                #"{"family": "vit", "patch": 8, "width": 32, "depth": 2, "heads": 4, "hidden": 160, "mlp": "swiglu", "layer_scale": true, "register_tokens": 3, "pool": "cls+mean"}"#,
            input: 32,
            dim: 64,
            features: [
                0.820416, -1.41483, -0.692813, 0.667067, 0.795662, -0.131595, -0.816017, 0.384534,
                0.675147, -1.452041, -0.520651, 0.57286, 0.668875, -0.337692, -0.362885, 0.206116,
            ]
        ),
        NetworkReference(
            name: "resnet-basic",
            architecture: #"{"family": "resnet", "block": "basic", "layers": [1, 2]}"#,
            input: 64,
            dim: 128,
            features: [
                0.416034, 1.026039, 0.130131, 0.215459, 0.827486, 2.128891, 3.576674, 1.157949,
                0.357766, 0.811105, 0.278184, 0.187874, 0.865822, 1.929956, 3.776195, 1.333143,
            ]
        ),
        NetworkReference(
            name: "resnet-truncated",
            architecture: #"{"family": "resnet", "block": "bottleneck", "layers": [1, 1, 2]}"#,
            input: 64,
            dim: 1024,
            features: [
                0.315109, 0.0, 2.626378, 0.406471, 0.0, 0.181577, 0.845624, 0.406634,
                0.129712, 0.0, 2.916549, 0.268016, 0.0, 0.136544, 0.743418, 0.613555,
            ]
        ),
        NetworkReference(
            name: "mobilenet",
            architecture: #"{"family": "mobilenet"}"#,
            input: 64,
            dim: 1280,
            features: [
                0.0, 0.0, 0.187734, 0.0, 0.08917, 2.019508, 0.0, 0.069546,
                0.0, 0.0, 0.20431, 0.0, 0.076545, 1.993848, 0.0, 0.071393,
            ]
        ),
    ]
}
